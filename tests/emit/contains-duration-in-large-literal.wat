  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64)
    (local.set 2
      (i64.load offset=392
        (local.get $frame)))
    (if ;; label = @1
      (call $has_int
        (i32.const 1024)
        (local.get 2))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00P\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\80\ee6\00\00\00\00\00\00\ddm\00\00\00\00\00\80\cb\a4\00\00\00\00\00\00\ba\db\00\00\00\00\00\80\a8\12\01\00\00\00\00\00\97I\01\00\00\00\00\80\85\80\01\00\00\00\00\00t\b7\01\00\00\00\00\80b\ee\01\00\00\00\00")
