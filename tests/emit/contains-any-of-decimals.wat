  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32)
    (if ;; label = @1
      (local.tee 3
        (block (result i32) ;; label = @1
          (if ;; label = @2
            (i32.eqz
              (local.tee 2
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 131328))))
          (local.set 2
            (i32.add
              (i32.add
                (local.get 2)
                (local.get $frame))
              (i32.const 72)))
          (local.set 4
            (i32.add
              (local.tee 3
                (i32.add
                  (local.tee 3
                    (i32.add
                      (local.get $frame)
                      (i32.const 208)))
                  (i32.load
                    (local.get 3)))
                (local.set 4
                  (i32.mul
                    (i32.load offset=4
                      (local.get 3))
                    (i32.const 8))))
              (local.get 4)))
          (local.set 5
            (i32.const 0))
          (block ;; label = @2
            (loop ;; label = @3
              (br_if 1 (;@2;)
                (i32.ge_u
                  (local.get 3)
                  (local.get 4)))
              (br_if 1 (;@2;)
                (local.tee 5
                  (call $has_int
                    (local.get 2)
                    (i64.load
                      (local.get 3)))))
              (local.set 3
                (i32.add
                  (local.get 3)
                  (i32.const 8)))
              (br 0 (;@3;))))
          (local.get 5)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 3))))
  )
