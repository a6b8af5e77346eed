  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_2)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64)
    (if ;; label = @1
      (i32.ge_u
        (i32.load offset=112
          (local.get $frame))
        (i32.const 1))
      (then
        (local.set 2
          (i64.load
            (i32.add
              (local.get $frame)
              (i32.load offset=108
                (local.get $frame)))))
        (if ;; label = @2
          (i32.eqz
            (i64.eqz
              (i64.and
                (local.get 2)
                (i64.const 1))))
          (then
            (if ;; label = @3
              (i32.load8_u offset=448
                (local.get $frame))
              (then
                (call $note_held
                  (local.get $out)
                  (i64.const 0)
                  (i32.const 1))))))
        (if ;; label = @2
          (i32.eqz
            (i64.eqz
              (i64.and
                (local.get 2)
                (i64.const 2))))
          (then
            (call $note_held
              (local.get $out)
              (i64.const 3)
              (i32.const 1))))))
  )
  (func $list_2 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (i32.load offset=112
        (local.get $frame))
      (then
        (call $list_1
          (local.get $frame)
          (local.get $out))))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i64.eqz
          (i64.or
            (i64.xor
              (i64.load offset=40
                (local.tee 2
                  (local.get $frame)))
              (i64.const 684723352394983255))
            (i64.xor
              (i64.load offset=48
                (local.get 2))
              (i64.const -1010386378227971823))))
        (then
          (if (result i32) ;; label = @2
            (if (result i32) ;; label = @2
              (i32.ne
                (i32.load offset=132
                  (local.get $frame))
                (i32.const 0))
              (then
                (call $has_entity
                  (select
                    (i32.add
                      (local.tee 2
                        (i32.load offset=132
                          (local.get $frame)))
                      (local.get $frame))
                    (i32.const 0)
                    (local.get 2))
                  (i64.const -7403679102787076769)
                  (i64.const 1133305445666530365)))
              (else
                (i32.const 0)))
            (then
              (i32.load8_u offset=448
                (local.get $frame)))
            (else
              (i32.const 0))))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 1)
          (i32.const 1))))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i64.eqz
          (i64.or
            (i64.xor
              (i64.load offset=40
                (local.tee 2
                  (local.get $frame)))
              (i64.const 3647805569100382427))
            (i64.xor
              (i64.load offset=48
                (local.get 2))
              (i64.const -6229736407370721760))))
        (then
          (if (result i32) ;; label = @2
            (if (result i32) ;; label = @2
              (i32.ne
                (i32.load offset=132
                  (local.get $frame))
                (i32.const 0))
              (then
                (call $has_entity
                  (select
                    (i32.add
                      (local.tee 2
                        (i32.load offset=132
                          (local.get $frame)))
                      (local.get $frame))
                    (i32.const 0)
                    (local.get 2))
                  (i64.const -7403679102787076769)
                  (i64.const 1133305445666530365)))
              (else
                (i32.const 0)))
            (then
              (i32.load8_u offset=448
                (local.get $frame)))
            (else
              (i32.const 0))))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 2)
          (i32.const 1))))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i32.ne
          (i32.load offset=128
            (local.get $frame))
          (i32.const 0))
        (then
          (call $has_entity
            (select
              (i32.add
                (local.tee 2
                  (i32.load offset=128
                    (local.get $frame)))
                (local.get $frame))
              (i32.const 0)
              (local.get 2))
            (i64.const 6961384273425499851)
            (i64.const -189648093393633095)))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 4)
          (i32.const 1))))
  )
